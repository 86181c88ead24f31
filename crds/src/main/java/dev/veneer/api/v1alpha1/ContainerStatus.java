package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * The container that runs a sliver.
 *
 * @param name its name in LXC
 * @param state its state as LXC names it, such as RUNNING or STOPPED
 * @param restarts how often it was started again since the sliver was last declared Started
 */
public record ContainerStatus(@Size(max = 255) String name, @Size(max = 32) String state, @Min(0) int restarts) {}
