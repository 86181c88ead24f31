package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * What is laid into a new sliver, once per instanceSerial.
 *
 * @param archive a tar archive that is unpacked over the base
 */
public record ContentSpec(@Required ArchiveSource archive) {}
