import Testing
@Test("placeholder") func placeholderPluginAPI() {}
