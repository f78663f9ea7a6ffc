"""From scans and photos to pages and the seals on them."""
