/**
 * Veneer's API: the kinds of group {@code veneer.dev}, their defaults and their validation, the same for YAML from
 * files, git and Kubernetes. Imports nothing else of Veneer.
 */
@NullMarked
package dev.veneer.api;

import org.jspecify.annotations.NullMarked;
