package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;

/**
 * What a base image is made of and how long it is kept.
 *
 * @param source where its tree comes from
 * @param retention how long it is kept when nothing uses it
 * @param suspend whether nothing at all is done to it, removal included
 */
public record BaseImageSpec(
        @Required BaseImageSource source, @Default("{}") RetentionSpec retention, @Default("false") boolean suspend) {}
