package dev.veneer.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** An immutable root file system tree that slivers start from, named by the digest of its content. */
@Group("veneer.dev")
@Version("v1alpha1")
@ShortNames("bimg")
@Categories("veneer")
@ValidationRule(value = Forms.NAME_RULE, message = Forms.NAME_SAYS)
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Nodes", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.nodes.ready")
@AdditionalPrinterColumn(
        name = "Wanted",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.nodes.desired",
        priority = 1)
@AdditionalPrinterColumn(name = "Bytes", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.bytes")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Files",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.files",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Blocked by",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.blockedBy.count",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Digest",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.digest",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        priority = 1)
// Otherwise each new object works its plural out anew, by regular expressions: a seventh of reading many.
@Plural("baseimages")
public final class BaseImage extends CustomResource<BaseImageSpec, BaseImageStatus> {
    private static final long serialVersionUID = 1L;
}
