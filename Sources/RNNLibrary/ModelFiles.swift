import RNNCore

/// What `…_describe` says of a model or a stack, as JSON.
func description(
  _ configuration: some ModelArchitecture, _ layout: ParameterLayout, metadata: [String: String]
) -> String {
  let texts = metadata.sorted { $0.key < $1.key }.map {
    JSONText.Member($0.key, .string($0.value))
  }
  return JSONText.object([
    .init("configuration", .object(configuration.fields)),
    .init("parameters", JSONText(layout.parameterCount)), .init("metadata", .object(texts)),
  ]).text
}

/// Texts to keep in a file, from a JSON object; none for NULL.
func texts(_ metadata: UnsafePointer<CChar>?) throws(RNNError) -> [String: String] {
  guard let metadata else { return [:] }
  guard
    case .object(let members) = try JSONText(
      parsing: Array(String(cString: metadata).utf8), name: "metadata")
  else {
    throw RNNError(.format, "metadata", expected: "a JSON object of texts", found: "another")
  }
  var texts: [String: String] = [:]
  for member in members {
    guard case .string(let value) = member.value else {
      throw RNNError(
        .format, "metadata: \(member.name)", expected: "a text", found: member.value.text)
    }
    texts[member.name] = value
  }
  return texts
}
