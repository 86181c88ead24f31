package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.NETWORK_DEVICE;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A sliver's network: one veth pair, eth0 inside, its other end on a bridge of the node.
 *
 * @param bridge the bridge, which exists already
 */
public record NetworkSpec(@Required @Pattern(NETWORK_DEVICE) @Size(min = 1, max = 15) String bridge) {}
