import Testing
@Test("placeholder") func placeholderHost() {}
