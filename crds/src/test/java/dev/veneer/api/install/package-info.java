/** What the manifests of the installation let whom do, judged by a real API server. */
@NullMarked
package dev.veneer.api.install;

import org.jspecify.annotations.NullMarked;
