// swift-format-ignore-file
// Written by generate.py with PyTorch 2.15.0+cu132, in Double, to 8 significant digits.

@testable import TestSupport

extension PyTorchOptimizerGolden {
  static let all: [PyTorchOptimizerGolden] = [
    PyTorchOptimizerGolden(
      rule: .sgd, learningRate: 0.1,
      parametersAfterStep: [
        [
    -0.032210883, 0.4495644, 0.097051807, -0.46280529, 0.20015668],
        [
    -0.08148337, 0.43281499, 0.14463191, -0.45865082, 0.15312015],
        [
    -0.12464384, 0.45035415, 0.19092265, -0.48757281, 0.12806911],
      ]),
    PyTorchOptimizerGolden(
      rule: .sgd, learningRate: 0.1, momentum: 0.9,
      parametersAfterStep: [
        [
    -0.032210883, 0.4495644, 0.097051807, -0.46280529, 0.20015668],
        [
    -0.11047317, 0.39397057, 0.16847454, -0.42690151, 0.11091015],
        [
    -0.22406969, 0.36147528, 0.27904573, -0.42351009, 0.0055372361],
      ]),
    PyTorchOptimizerGolden(
      rule: .sgd, learningRate: 0.1, momentum: 0.9, isNesterov: true,
      parametersAfterStep: [
        [
    -0.061200679, 0.41071998, 0.12089443, -0.43105598, 0.15794668],
        [
    -0.18090922, 0.34393612, 0.23275499, -0.39458811, 0.030588279],
        [
    -0.32630656, 0.33222953, 0.3785598, -0.42045782, -0.089298389],
      ]),
    PyTorchOptimizerGolden(
      rule: .sgd, learningRate: 0.1, momentum: 0.9, weightDecay: 0.05,
      parametersAfterStep: [
        [
    -0.032210883, 0.44710077, 0.096699007, -0.46031488, 0.1989214],
        [
    -0.11031211, 0.38705418, 0.16732072, -0.41986815, 0.10756851],
        [
    -0.22321212, 0.34861613, 0.2763344, -0.41028875, -0.00023797769],
      ]),
    PyTorchOptimizerGolden(
      rule: .rmsprop, learningRate: 0.01, decay: 0.95, epsilon: 1e-06,
      parametersAfterStep: [
        [
    -0.044720739, 0.44800397, 0.11528061, -0.45336152, 0.20233574],
        [
    -0.082436241, 0.43146116, 0.15458663, -0.44799708, 0.17026501],
        [
    -0.10944939, 0.44797751, 0.18407969, -0.47709381, 0.1539488],
      ]),
    PyTorchOptimizerGolden(
      rule: .rmsprop, learningRate: 0.01, decay: 0.95, epsilon: 1e-06, momentum: 0.9,
      parametersAfterStep: [
        [
    -0.044720739, 0.44800397, 0.11528061, -0.45336152, 0.20233574],
        [
    -0.12268491, 0.39121236, 0.19483518, -0.40774837, 0.13001617],
        [
    -0.2198658, 0.35661625, 0.29592735, -0.39579326, 0.048612347],
      ]),
    PyTorchOptimizerGolden(
      rule: .adam, learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-06,
      parametersAfterStep: [
        [
    -0.009999969, 0.48272489, 0.080559963, -0.48808234, 0.2370567],
        [
    -0.019964279, 0.47393928, 0.090415663, -0.48083019, 0.22705549],
        [
    -0.029960844, 0.47051657, 0.10040613, -0.48130062, 0.21771078],
      ]),
    PyTorchOptimizerGolden(
      rule: .adam, learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-06, weightDecay: 0.05,
      parametersAfterStep: [
        [
    -0.009999969, 0.48272489, 0.080559963, -0.48808234, 0.2370567],
        [
    -0.019964831, 0.47380702, 0.090411748, -0.48044651, 0.22705596],
        [
    -0.029960864, 0.46970764, 0.10040002, -0.47999701, 0.21768738],
      ]),
    PyTorchOptimizerGolden(
      rule: .adamW, learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-06, weightDecay: 0.05,
      parametersAfterStep: [
        [
    -0.009999969, 0.48247853, 0.080524683, -0.4878333, 0.23693317],
        [
    -0.019959279, 0.47345168, 0.090340121, -0.48033724, 0.22681349],
        [
    -0.029945864, 0.46979224, 0.10028542, -0.4805675, 0.21735538],
      ]),
    PyTorchOptimizerGolden(
      rule: .adagrad, learningRate: 0.1, epsilon: 1e-06,
      parametersAfterStep: [
        [
    -0.09999969, 0.3927251, 0.17055962, -0.39808259, 0.14705689],
        [
    -0.18370098, 0.35654664, 0.25792962, -0.38638675, 0.076243621],
        [
    -0.24282957, 0.39197386, 0.32269548, -0.4495265, 0.040955611],
      ]),
  ]
}
