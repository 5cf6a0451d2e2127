// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "RNNCoreBenchmarks",
  platforms: [.macOS(.v13)],
  products: [
    .executable(name: "step-overhead", targets: ["StepOverhead"]),
    .executable(name: "allocations", targets: ["Allocations"]),
    .executable(name: "text-reading", targets: ["TextReading"]),
  ],
  dependencies: [
    .package(name: "RNNCore", path: "../"),
    // Without its traits, which add libraries to count malloc with: CAllocations does that here.
    .package(url: "https://github.com/ordo-one/benchmark", "1.38.1"..<"1.39.0", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .executableTarget(
      name: "StepOverhead",
      dependencies: ["COpenBLAS", .product(name: "RNNCore", package: "RNNCore")]),
    // Takes malloc's place in every program that it is linked into.
    .target(name: "CAllocations"),
    .target(name: "StepCases", dependencies: [.product(name: "RNNCore", package: "RNNCore")]),
    .executableTarget(name: "Allocations", dependencies: ["CAllocations", "StepCases"]),
    .executableTarget(
      name: "TextReading",
      dependencies: [
        .product(name: "RNNCore", package: "RNNCore"),
        .product(name: "RNNTasks", package: "RNNCore"),
      ]),
    // The benchmark command runs the executables whose folder is in one named Benchmarks.
    .executableTarget(
      name: "Micro",
      dependencies: ["StepCases", .product(name: "Benchmark", package: "benchmark")],
      path: "Sources/Benchmarks/Micro",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
