import Testing
@Test("placeholder") func placeholderSandbox() {}
