/**
 * The contract of {@code StorageDriver} as tests: each case runs on every driver. A driver's own test class is a factory
 * only. The oracle is a plain directory: the same script of file operations runs in the sliver's mounted root file
 * system and in a plain copy of the base, and both trees are compared by their whole identity after each step.
 */
package dev.veneer.node.driver.conformance;
