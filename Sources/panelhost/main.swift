print("panelhost")
