import Testing
@Test("placeholder") func placeholderHTTPServer() {}
