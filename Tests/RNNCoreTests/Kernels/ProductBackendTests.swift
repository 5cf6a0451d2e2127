import Testing

@testable import RNNCore

@Suite("RNNCORE_PRODUCTS chooses what multiplies")
struct ProductBackendTests {
  @Test("Nothing and auto take what suits the kernels", arguments: [nil, "", "auto"])
  func automatic(_ name: String?) throws {
    #expect(try ProductBackend.choose(name, on: .portable) == .openBLAS)
    #expect(try ProductBackend.choose(name, on: .avx2) == .packed)
    #expect(try ProductBackend.choose(name, on: .avx512) == .packed)
  }

  @Test("A name is obeyed on every set of kernels", arguments: InstructionSet.allCases)
  func named(_ set: InstructionSet) throws {
    #expect(try ProductBackend.choose("packed", on: set) == .packed)
    #expect(try ProductBackend.choose("openblas", on: set) == .openBLAS)
  }

  @Test("Another name is an error", arguments: ["mkl", "OpenBLAS", " packed"])
  func unknown(_ name: String) {
    let error = #expect(throws: RNNError.self) {
      try ProductBackend.choose(name, on: .avx2)
    }
    #expect(error?.argument == "RNNCORE_PRODUCTS")
    #expect(error?.expected == "packed, openblas or auto")
  }

  @Test("Parts cover all rows once, are powers of two and have rows enough")
  func parts() {
    for total in [0, 1, 7, 8, 47, 48, 96, 700, 3200, 100_000] {
      for (parts, fewest) in [
        (ProductParts(ofRows: total), 48), (ProductParts(ofSequences: total, weights: 1), 4),
        (ProductParts(ofSequences: total, weights: 1 << 20), 4),
      ] {
        #expect(parts.count.nonzeroBitCount == 1 && parts.count <= 16)
        #expect((0..<parts.count).flatMap { Array(parts[$0]) } == Array(0..<total))
        if parts.count > 1 {
          #expect((0..<parts.count).allSatisfy { parts[$0].count >= fewest })
        }
      }
    }
    #expect(
      ProductParts(ofRows: 3200).count == 16 && ProductParts(ofSequences: 64, weights: 1).count == 4
    )
    #expect(ProductParts(ofSequences: 64, weights: 1 << 20).count == 2)
  }

  @Test("Weights are packed anew for other values and for another way")
  func versions() throws {
    var layout = ParameterLayout()
    _ = layout.add("w", layer: "l", rows: 2, columns: 2, role: .inputWeight)
    let store = ParameterStore(layout: layout)
    let (packed, blas) = (
      try ThreadTeam(count: 1, products: .packed), try ThreadTeam(count: 1, products: .openBLAS)
    )
    var versions = PackedVersions()
    var stale: [Bool] = []
    for (side, team) in [
      (PassSide.forward, packed), (.forward, packed), (.backward, packed), (.forward, blas),
      (.forward, packed),
    ] {
      stale.append(versions.renew(side, store, team))
    }
    store.markChanged()
    stale.append(versions.renew(.forward, store, packed))
    #expect(stale == [true, false, true, true, true, true])
  }
}
