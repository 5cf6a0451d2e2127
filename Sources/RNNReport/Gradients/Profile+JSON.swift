import RNNCore

extension ProfileLook {
  package var json: JSONValue {
    let memory = layer.memory
    return [
      "cell": JSONValue(cell), "when": JSONValue(when),
      "layer": JSONValue(layer.name), "verdict": JSONValue(verdict?.kind.rawValue),
      "sentence": JSONValue(verdict?.sentence), "loss": JSONValue(loss),
      "horizon": memory.horizon().map { JSONValue($0) } ?? .null,
      "shareAtMemoryNeeded": JSONValue(memory.share(at: memoryNeeded)),
      "decayRate": JSONValue(memory.decayRate(upTo: memoryNeeded)),
      "hiddenNorms": layer.hidden.json, "cellNorms": layer.cell?.json ?? .null,
      "states": layer.states.json, "deadUnits": JSONValue(layer.deadUnits),
      "gates": .object(layer.gates.map { ($0.gate.rawValue, $0.values.json) }),
      "jacobians": spectrum?.json ?? .null,
    ]
  }
}

extension GradientProfile.Series {
  package var json: JSONValue {
    [
      "byStep": .array(byStep.map { JSONValue($0) }),
      "byDistance": .array(byDistance.map { JSONValue($0) }),
      "reference": .array(reference.map { JSONValue($0) }),
    ]
  }
}

extension ValueStatistics {
  package var json: JSONValue {
    [
      "mean": JSONValue(mean), "deviation": JSONValue(deviation),
      "low": JSONValue(low), "high": JSONValue(high),
      "from": JSONValue(range.lowerBound), "to": JSONValue(range.upperBound),
      "histogram": .array(histogram.map { JSONValue($0) }),
    ]
  }
}

extension LayerSpectrum {
  package var json: JSONValue {
    [
      "lyapunov": JSONValue(lyapunov.exponents),
      "log10SingularValues": .object(
        windows.map { ("\($0.steps)", JSONValue($0.logSingularValues)) }),
      "blocks": .object(
        bounds.blocks.map { block in
          (
            block.gate.rawValue,
            [
              "largestSingularValue": JSONValue(block.largestSingularValue),
              "spectralRadius": JSONValue(block.spectralRadius), "bound": JSONValue(block.bound),
            ]
          )
        }),
    ]
  }
}

extension GradientProfile.Parameter {
  package var json: JSONValue { .object(jsonFields) }

  package var jsonFields: [(key: String, value: JSONValue)] {
    [
      ("gradientNorm", JSONValue(gradientNorm)), ("weightNorm", JSONValue(weightNorm)),
      ("updateRatio", JSONValue(updateRatio)),
      ("gates", .object(gates.map { ($0.gate.rawValue, JSONValue($0.norm)) })),
    ]
  }
}
