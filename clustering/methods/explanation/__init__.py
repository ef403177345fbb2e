"""What is in a cluster, in words and numbers a merchant can check."""
