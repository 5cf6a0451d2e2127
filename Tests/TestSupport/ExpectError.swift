import RNNCore
import Testing

/// Expects `body` to throw an error of this kind about an argument whose name contains `argument`.
func expectError(
  _ kind: RNNError.Kind, about argument: String = "",
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown, expected \(kind)", sourceLocation: sourceLocation)
  } catch let error as RNNError {
    #expect(error.kind == kind, sourceLocation: sourceLocation)
    #expect(
      argument.isEmpty || error.argument.contains(argument), "\(error)",
      sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(error), expected an RNNError", sourceLocation: sourceLocation)
  }
}
