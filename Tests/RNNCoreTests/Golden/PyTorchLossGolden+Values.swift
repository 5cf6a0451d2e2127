// swift-format-ignore-file
// Written by generate.py with PyTorch 2.15.0+cu132, in Double, to 8 significant digits.

@testable import TestSupport

extension PyTorchLossGolden {
  static let all: [PyTorchLossGolden] = [
    PyTorchLossGolden(
      loss: .crossEntropy, reduction: .mean, value: 2.9705935,
      gradient: [
    0.026306856, -0.061192297, 0.034885441, -0.24331874, 0.13161252, 0.11170622, 0.0052450547,
    0.2391659, -0.24441095, 0.10589141, -0.24617092, 0.1402795]),
    PyTorchLossGolden(
      loss: .crossEntropy, reduction: .sum, value: 11.882374,
      gradient: [
    0.10522742, -0.24476919, 0.13954177, -0.97327497, 0.52645008, 0.44682489, 0.020980219,
    0.9566636, -0.97764382, 0.42356565, -0.98468366, 0.56111801]),
    PyTorchLossGolden(
      loss: .binaryCrossEntropyWithLogits, reduction: .mean, value: 1.3487602,
      gradient: [
    0.041666667, -0.010191026, 0.047507942, -0.073332445, 0.060728127, 0.057927916, 0.011434183,
    0.073234216, -0.071257915, 0.069650495, -0.070378741, 0.072571536]),
    PyTorchLossGolden(
      loss: .binaryCrossEntropyWithLogits, reduction: .sum, value: 16.185122,
      gradient: [
    0.5, -0.12229231, 0.5700953, -0.87998934, 0.72873752, 0.69513499, 0.1372102, 0.8788106,
    -0.85509498, 0.83580594, -0.84454489, 0.87085843]),
    PyTorchLossGolden(
      loss: .meanSquaredError, reduction: .mean, value: 1.5120689,
      gradient: [
    -0.053684806, 0.25654913, 0.09119301, -0.27325985, 0.086537788, 0.16001955, -0.26897222,
    0.25972356, -0.21455352, 0.18815543, -0.19953302, 0.24122563]),
    PyTorchLossGolden(
      loss: .meanSquaredError, reduction: .sum, value: 18.144826,
      gradient: [
    -0.64421767, 3.0785896, 1.0943161, -3.2791182, 1.0384535, 1.9202346, -3.2276666, 3.1166827,
    -2.5746422, 2.2578651, -2.3943962, 2.8947075]),
  ]
}
