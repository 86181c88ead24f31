package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.DIGEST_MAX;
import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;

import io.fabric8.generator.annotation.Size;

/**
 * The base that a sliver stands on.
 *
 * @param name the BaseImage's name
 * @param digest the digest of the content that it had when the sliver was made
 */
public record SliverBase(@Size(max = LABEL_MAX) String name, @Size(max = DIGEST_MAX) String digest) {}
