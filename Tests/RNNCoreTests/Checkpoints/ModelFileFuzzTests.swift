import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Damaged model files")
struct ModelFileFuzzTests {
  private static let configuration = ModelConfiguration(
    input: .tokens(vocabulary: 3, embedding: 2), body: .recurrent(.lstm(peephole: true)),
    hiddenSize: 2, outputs: 2, dropout: 0.25)

  /// Expects an error that names the file, or nothing at all from `body`.
  private func isRefused(
    _ path: String, _ what: @autoclosure () -> String, _ body: () throws(RNNError) -> Void
  ) -> Bool {
    do throws(RNNError) {
      try body()
      return false
    } catch {
      #expect(error.argument.hasPrefix(path), "\(error), \(what())")
      return true
    }
  }

  @Test("Each of 4000 damaged files is refused with its name, or is the same model")
  func damagedFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try SequenceModel(Self.configuration, seed: 1)
    try model.save(to: folder.path("m"), metadata: ["task": "test"])
    let (original, bits) = (try folder.bytes(of: "m"), model.parameters.bits)
    var mutator = Mutator(seed: 2026)
    var refused = 0
    for round in 0..<4000 {
      let path = try folder.write(mutator.mutated(original), to: "bad")
      let isRefused = isRefused(path, "round \(round)") { () throws(RNNError) in
        let file = try ModelFile(reading: path)
        let loaded = try SequenceModel(file)
        #expect(loaded.parameters.bits == bits, "round \(round)")
        #expect(
          try file.configuration(ModelConfiguration.self) == Self.configuration, "round \(round)")
        #expect(file.metadata == ["task": "test"], "round \(round)")
      }
      if isRefused { refused += 1 }
    }
    // Few changes are none, such as a byte that is replaced by itself.
    #expect(refused > 3900)
  }

  @Test("Each flipped bit of a file is noticed")
  func everyBit() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try SequenceModel(Self.configuration, seed: 1).save(to: folder.path("m"))
    var bytes = try folder.bytes(of: "m")
    for bit in 0..<8 * bytes.count {
      bytes[bit / 8] ^= 1 << (bit % 8)
      let path = try folder.write(bytes, to: "bad")
      #expect(
        isRefused(path, "bit \(bit)") { () throws(RNNError) in _ = try ModelFile(reading: path) })
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test("Damaged headers without a checksum are refused, or describe the data that are there")
  func damagedHeaders() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let header =
      #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
      + #""b":{"dtype":"I16","shape":[4],"data_offsets":[24,32]}}"#
    let data = [UInt8](repeating: 0, count: 32)
    var mutator = Mutator(seed: 7)
    for round in 0..<3000 {
      let text = mutator.mutated(Array(header.utf8))
      let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
      let path = try folder.write(length + text + data, to: "bad")
      _ = isRefused(path, "round \(round)") { () throws(RNNError) in
        let file = try SafeTensorsFile(reading: path)
        #expect(file.tensors.reduce(0) { $0 + $1.count * $1.type.size } == 32)
        for tensor in file.tensors where tensor.type == .float32 {
          #expect(try file.values(of: tensor.name).count == tensor.count)
        }
      }
    }
  }

  @Test("Damaged configurations under a right checksum are refused, or suit the tensors")
  func damagedConfigurations() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try SequenceModel(Self.configuration, seed: 1)
    try model.save(to: folder.path("m"))
    var metadata = try SafeTensorsFile(reading: folder.path("m")).metadata
    let tensors = try SafeTensorsFile(reading: folder.path("m")).tensors
      .map { (name: $0.name, shape: $0.shape) }
    let original = Array((metadata["rnncore.configuration"] ?? "").utf8)
    var mutator = Mutator(seed: 11)
    let path = folder.path("bad")
    for round in 0..<2000 {
      metadata["rnncore.configuration"] = String(
        decoding: mutator.mutated(original), as: UTF8.self)
      try SafeTensorsFile.write(tensors, metadata: metadata, to: path) {
        (name: String) throws(RNNError) in try model.parameters.values(of: name)
      }
      _ = isRefused(path, "round \(round)") { () throws(RNNError) in
        let loaded = try SequenceModel(contentsOf: path)
        #expect(loaded.parameterCount == model.parameterCount, "round \(round)")
      }
    }
  }
}
