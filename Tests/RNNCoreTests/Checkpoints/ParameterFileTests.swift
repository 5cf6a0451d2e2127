import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Parameters in a file of their own")
struct ParameterFileTests {
  private static func store(
    _ matrix: String = "weight", rows: Int = 3, filledWith value: Float
  ) -> ParameterStore {
    var layout = ParameterLayout()
    _ = layout.add(matrix, layer: "a", rows: rows, columns: 2, role: .denseWeight(fanIn: 2))
    _ = layout.add("bias", layer: "a", rows: 5, role: .denseBias(fanIn: 2))
    let store = ParameterStore(layout: layout)
    for slice in layout.slices {
      let values = (0..<slice.count).map { value + Float($0) / 3 }
      do { try store.set(slice.name, to: values) } catch { Issue.record(error) }
    }
    return store
  }

  @Test("What was saved is loaded to the bit, with its metadata in the file")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let saved = Self.store(filledWith: 0.1)
    try saved.save(to: folder.path("p"), metadata: ["width": "2"])
    let loaded = Self.store(filledWith: 7)
    try loaded.load(from: folder.path("p"))
    for name in ["weight", "bias"] {
      #expect(
        try loaded.values(of: name).map(\.bitPattern) == saved.values(of: name).map(\.bitPattern))
    }
    let file = try SafeTensorsFile(reading: folder.path("p"))
    #expect(file.metadata["width"] == "2")
    #expect(try file.tensor(named: "weight").shape == [3, 2])
    #expect(try file.tensor(named: "bias").shape == [5])
  }

  @Test("A file that does not fit changes nothing")
  func refused() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let store = Self.store(filledWith: 1)
    let before = try store.values(of: "bias")
    // What comes before the parameter that does not fit must not be taken over either.
    try Self.store(rows: 4, filledWith: 2).save(to: folder.path("shape"))
    try Self.store("other", filledWith: 2).save(to: folder.path("name"))
    for (name, kind) in [("shape", RNNError.Kind.shape), ("name", .format), ("none", .file)] {
      let error = #expect(throws: RNNError.self) { try store.load(from: folder.path(name)) }
      #expect(error?.kind == kind, "\(name)")
      #expect(try store.values(of: "bias") == before)
    }
  }
}
