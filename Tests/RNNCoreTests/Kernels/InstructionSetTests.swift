import Testing

@testable import RNNCore

@Suite("RNNCORE_ISA forces an instruction set, or is a clear error")
struct InstructionSetTests {
  @Test("A set that the CPU has is chosen by its name", arguments: InstructionSet.allCases)
  func chosen(_ set: InstructionSet) throws {
    #expect(try InstructionSet.choose(set.rawValue, among: InstructionSet.allCases) == set)
  }

  @Test("Without a name the best set that the CPU has is chosen", arguments: [nil, ""])
  func best(_ name: String?) throws {
    #expect(try InstructionSet.choose(name, among: [.portable]) == .portable)
    #expect(try InstructionSet.choose(name, among: [.portable, .avx2]) == .avx2)
    #expect(try InstructionSet.choose(name, among: InstructionSet.allCases) == .avx512)
  }

  @Test("A set that does not exist is an error that names those that do")
  func unknown() {
    let error = #expect(throws: RNNError.self) {
      try InstructionSet.choose("mmx", among: [.portable, .avx2])
    }
    #expect(error?.kind == .format)
    #expect(error?.argument == "RNNCORE_ISA")
    #expect(error?.expected == "one of portable, avx2")
    #expect(error?.found == "mmx")
  }

  @Test("A set that the CPU lacks is an error that names those it has")
  func lacking() {
    let error = #expect(throws: RNNError.self) {
      try InstructionSet.choose("avx512", among: [.portable, .avx2])
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.argument == "RNNCORE_ISA")
    #expect(error?.expected == "one of portable, avx2, which this CPU has")
    #expect(error?.found == "avx512")
  }

  @Test("The environment of the tests is valid, and what it forces is in use")
  func environment() throws {
    try InstructionSet.validateEnvironment()
    #expect(String(cString: kernels.name) == String(cString: InstructionSet.current.table.name))
  }
}
