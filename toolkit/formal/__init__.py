"""From a set PDF to the formal copy: page description, watermark, seals, print set."""
