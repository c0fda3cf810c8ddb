"""Cards from and for Anki: packages are read and written here, never Anki itself."""
