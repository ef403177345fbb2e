"""What looks wrong in inputs that could be read, and what was assumed about them."""
