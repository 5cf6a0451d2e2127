extension RecurrentStack {
  /// The stack in a file that ``save(to:metadata:)`` wrote, with parameters of its own.
  ///
  /// Throws what ``ModelFile/configuration(_:)`` and ``init(_:)`` throw, and `.nonFinite` for a
  /// value that is infinite or not a number.
  package convenience init(_ file: ModelFile) throws(RNNError) {
    try self.init(try file.configuration(RecurrentConfiguration.self))
    try layout.checkMemory(stores: 2, "parameters")
    let values = ParameterStore(layout: layout)
    try file.fill(values)
    own(values, gradients: ParameterStore(layout: layout))
  }

  /// Saves configuration and parameters, own or bound, as a ``ModelFile`` of kind `recurrent`.
  ///
  /// Throws `.empty` for a stack without parameters, and what ``SavableModel/save(to:metadata:)``
  /// throws.
  package func save(to path: String, metadata: [String: String] = [:]) throws(RNNError) {
    try ModelFile.write(
      network.configuration, try copiedParameters(), to: path, metadata: metadata)
  }
}
