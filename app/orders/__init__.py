"""The three menus: lifecycle, deadlines, dispatching, ratings."""
