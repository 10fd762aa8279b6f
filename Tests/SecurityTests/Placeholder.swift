import Testing
@Test("placeholder") func placeholderSecurity() {}
