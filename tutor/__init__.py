"""The app: command line, screens, widgets, and the client of the kernel. It never reaches torch."""
