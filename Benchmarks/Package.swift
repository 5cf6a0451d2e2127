// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "RNNCoreBenchmarks",
  products: [.executable(name: "step-overhead", targets: ["StepOverhead"])],
  dependencies: [.package(name: "RNNCore", path: "../")],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .executableTarget(
      name: "StepOverhead",
      dependencies: ["COpenBLAS", .product(name: "RNNCore", package: "RNNCore")]),
  ],
  swiftLanguageModes: [.v6]
)
