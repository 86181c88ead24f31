/**
 * The one validation of declared objects, for files and for Kubernetes: driven by the generated CRD schemas, with a Java
 * twin for each of their CEL rules, so that a file is judged as an API server would judge it.
 *
 * <p>Start at {@link dev.veneer.api.validation.ObjectValidator}.
 */
@NullMarked
package dev.veneer.api.validation;

import org.jspecify.annotations.NullMarked;
