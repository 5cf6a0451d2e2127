import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("How the command line's models start")
struct ModelStartTests {
  private static let start = EncoderDecoderConfiguration(
    source: .tokens(vocabulary: 9, embedding: 4), targetVocabulary: 9, targetEmbedding: 4,
    cell: .lstm(), hiddenSize: 6, attention: .general, start: 7, end: 8)

  private func largest(_ settings: ModelSettings, cell: CellKind) throws -> Float {
    var configuration = Self.start
    configuration.cell = cell
    let model = try settings.makeModel(configuration, seed: 3, team: .shared)
    return try model.parameters.layout.slices.flatMap { try model.parameters.values(of: $0.name) }
      .map(abs).max() ?? 0
  }

  @Test("A pair model keeps to the bound, one of IRNN to the identity")
  func pairs() throws {
    #expect(try largest(ModelSettings(uniformStart: 0.1), cell: .lstm()) <= 0.1)
    #expect(try largest(ModelSettings(), cell: .lstm()) > 1)
    #expect(try largest(ModelSettings(uniformStart: 0.1), cell: .irnn) >= 1)
  }

  @Test("A start of the recurrent weights takes the place of a standard bound of everything")
  func choice() throws {
    let standard = TrainSettings.standard(for: .translate, unit: nil, threads: 1)
    #expect(standard.model.uniformStart == 0.1)
    func settings(_ name: String? = nil, _ text: String = "") throws -> ModelSettings {
      var settings = standard
      var given = GivenSettings()
      if let name { given.append(name, text) }
      try TrainSettings.declared.apply(given, to: &settings)
      return settings.model
    }
    #expect(try settings().uniformStart == 0.1)
    #expect(try settings("uniform-start", "0.3").uniformStart == 0.3)
    let other = try settings("init", "xavier")
    #expect(other.uniformStart == nil && other.initialization == .xavier)
  }
}
