"""Pages as large as a retailer's largest."""
