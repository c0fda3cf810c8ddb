"""Questions in the formats of other programs: one module per format, each with `read` and `write`. Pure."""
