"""Several runs side by side: settings, quality, agreement."""
