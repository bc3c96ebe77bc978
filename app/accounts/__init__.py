"""People, the hats they wear and the homes they are bound to."""
