import Testing
@Test("placeholder") func placeholderValues() {}
