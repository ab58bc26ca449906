"""The console's pages: each module has a blueprint `bp` and calls the module that owns what the page is about."""
