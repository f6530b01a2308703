"""Speed of Sidetune's parts as ratios to a peer, measured side by side: ``python -m bench``."""
