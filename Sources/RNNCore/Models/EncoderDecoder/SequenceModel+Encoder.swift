extension SequenceModel {
  /// Takes over embedding and recurrent layers from an encoder that was trained for something else:
  /// to write the sequence again, say, which needs no labels (Dai and Le 2015). The readout stays
  /// as it is.
  ///
  /// Throws ``RNNError/Kind/shape`` unless both have the same ones in the same shape.
  public func copyEncoder(of model: EncoderDecoder) throws(RNNError) {
    let prefix = EncoderDecoderLayers.encoderPrefix
    var own: [String: ParameterLayout.Slice] = [:]
    for slice in parameters.layout.slices where slice.role.isOfBody { own[slice.name] = slice }
    for source in model.parameters.layout.slices where source.name.hasPrefix(prefix) {
      let name = String(source.name.dropFirst(prefix.count))
      guard let target = own.removeValue(forKey: name), target.shape == source.shape else {
        throw RNNError(
          .shape, "encoder", expected: "a model with '\(name)' \(source.shape)",
          found: "another one")
      }
      try parameters.set(name, to: try model.parameters.values(of: source.name))
    }
    if let name = own.keys.min() {
      throw RNNError(.shape, "encoder", expected: "an encoder with '\(name)'", found: "none")
    }
  }
}

extension ParameterLayout.Role {
  /// Whether it is a parameter of an embedding or a recurrent layer.
  fileprivate var isOfBody: Bool {
    switch self {
    case .inputWeight, .recurrentWeight, .bias, .peephole, .recurrence, .emissionWeight,
      .embedding:
      true
    case .denseWeight, .denseBias, .transitionWeight, .transitionBias: false
    }
  }
}
