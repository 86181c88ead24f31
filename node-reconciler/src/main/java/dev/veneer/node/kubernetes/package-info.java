/**
 * A cluster as the source of desired state and the place of its status: the only package that knows the Kubernetes client.
 * Nothing of it is loaded unless the agent is told to work with a cluster.
 */
@NullMarked
package dev.veneer.node.kubernetes;

import org.jspecify.annotations.NullMarked;
