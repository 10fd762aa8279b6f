import Testing
@Test("placeholder") func placeholderStorage() {}
