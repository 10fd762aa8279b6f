enum PluginAPIPlaceholder {}
