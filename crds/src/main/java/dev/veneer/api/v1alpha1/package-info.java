/**
 * The kinds of {@code veneer.dev/v1alpha1}: the Java types are the source of the CRD YAML in {@code crds/}. Their Javadoc
 * becomes the descriptions that {@code kubectl explain} shows, so it is written for the users of the API.
 *
 * <p>Specs and statuses are records that plain Jackson reads and writes. Only {@link dev.veneer.api.v1alpha1.BaseImage},
 * {@link dev.veneer.api.v1alpha1.Sliver} and {@link dev.veneer.api.v1alpha1.NodeStore} themselves need the Kubernetes
 * client; the node agent never loads these three.
 */
@NullMarked
package dev.veneer.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
