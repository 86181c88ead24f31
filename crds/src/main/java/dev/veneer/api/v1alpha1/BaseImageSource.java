package dev.veneer.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Where a base image's tree comes from: exactly one of the fields. Immutable but for mirrors and secret references.
 *
 * @param archive a tar archive
 * @param ociLayout an OCI image layout on the node
 * @param directory a directory on the node
 * @param sliver a sliver of the node
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.archive), has(self.ociLayout), has(self.directory), has(self.sliver)].exists_one(x, x)",
        message = "exactly one of archive, ociLayout, directory and sliver must be given")
@ValidationRule(
        value = "has(self.archive) == has(oldSelf.archive) && has(self.ociLayout) == has(oldSelf.ociLayout)"
                + " && has(self.directory) == has(oldSelf.directory) && has(self.sliver) == has(oldSelf.sliver)",
        message = "the kind of source cannot be changed; new content is a new BaseImage")
@ValidationRule(
        value = "!has(self.archive) || !has(oldSelf.archive) || (self.archive.url == oldSelf.archive.url"
                + " && has(self.archive.digest) == has(oldSelf.archive.digest)"
                + " && (!has(self.archive.digest) || self.archive.digest == oldSelf.archive.digest))",
        message = "archive.url and archive.digest cannot be changed; new content is a new BaseImage")
@ValidationRule(
        value = "!has(self.ociLayout) || !has(oldSelf.ociLayout) || self.ociLayout == oldSelf.ociLayout",
        message = "ociLayout cannot be changed; new content is a new BaseImage")
@ValidationRule(
        value = "!has(self.directory) || !has(oldSelf.directory) || self.directory == oldSelf.directory",
        message = "directory cannot be changed; new content is a new BaseImage")
@ValidationRule(
        value = "!has(self.sliver) || !has(oldSelf.sliver) || self.sliver == oldSelf.sliver",
        message = "sliver cannot be changed; new content is a new BaseImage")
public record BaseImageSource(
        @Nullable ArchiveSource archive,
        @Nullable OciLayoutSource ociLayout,
        @Nullable DirectorySource directory,
        @Nullable SliverSource sliver) {}
