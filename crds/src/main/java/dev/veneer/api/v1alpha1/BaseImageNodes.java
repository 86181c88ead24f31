package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Min;

/**
 * On how many nodes a base image is, counted over the nodes that have slivers of it.
 *
 * @param desired the nodes that need it
 * @param ready those that have it
 * @param importing those that wait for it or import it
 * @param failed those where it cannot be imported or has other content
 */
public record BaseImageNodes(@Min(0) int desired, @Min(0) int ready, @Min(0) int importing, @Min(0) int failed) {}
