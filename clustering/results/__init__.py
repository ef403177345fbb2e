"""What is made of a run: page, exports, comparison, prediction."""
