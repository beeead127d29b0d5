package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.plugin.rocksdb.RecordReader.MalformedRecord;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Versions in bytes: a format number, flags, the content's place, then the manifest's fields.
 * Bucket and key are the row's key, and who owns the blob is not stored. Format 2 goes on with how
 * the content lies in the store; what needs none of it is written in format 1.
 */
final class ManifestFormat {

  private static final int PLAIN_FORMAT = 1;
  private static final int ENCODED_FORMAT = 2;
  private static final int IN_FILE = 1;
  private static final int DELETED = 2;
  private static final int HEX_TAG = 4;
  private static final int SHA_256_DIGITS = 64;
  private static final HexFormat HEX = HexFormat.of();

  private ManifestFormat() {}

  static byte[] encode(StoredVersion version) {
    BlobManifest manifest = version.manifest();
    ContentPlace place = version.place();
    boolean hexTag = isSha256(manifest.etag());
    int flags =
        (place instanceof ContentPlace.InFile ? IN_FILE : 0)
            | (manifest.deleted() ? DELETED : 0)
            | (hexTag ? HEX_TAG : 0);
    RecordWriter out =
        new RecordWriter()
            .putByte(manifest.encoding().isPresent() ? ENCODED_FORMAT : PLAIN_FORMAT)
            .putByte(flags)
            .putLong(place.id())
            .putLong(place.length())
            .putLong(place.storedLength())
            .putLong(manifest.size())
            .putText(manifest.contentType());
    if (hexTag) {
      out.putBytes(HEX.parseHex(manifest.etag()));
    } else {
      out.putText(manifest.etag());
    }
    out.putText(manifest.context())
        .putInstant(manifest.createdAt())
        .putInstant(manifest.lastModified())
        .putLong(manifest.tags().size());
    manifest.tags().forEach((name, value) -> out.putText(name).putText(value));
    out.putLong(manifest.pipeline().size());
    manifest.pipeline().forEach(out::putText);
    manifest.encoding().ifPresent(encoding -> put(out, encoding));
    return out.toArray();
  }

  private static void put(RecordWriter out, ContentEncoding encoding) {
    out.putLong(encoding.frameBytes())
        .putLong(encoding.length())
        .putBytes(encoding.contentId().toArray())
        .putByte(encoding.key().isPresent() ? 1 : 0);
    encoding
        .key()
        .ifPresent(key -> out.putText(key.bucketKeyId()).putBytes(key.material().toArray()));
  }

  static StoredVersion decode(BlobKey key, byte[] bytes) {
    try {
      return read(key, new RecordReader(bytes));
    } catch (MalformedRecord e) {
      throw StorageErrors.corrupt(key, "its manifest cannot be read, " + e.getMessage());
    }
  }

  private static StoredVersion read(BlobKey key, RecordReader in) {
    int format = in.getByte();
    if (format != PLAIN_FORMAT && format != ENCODED_FORMAT) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED,
          WarehouseException.shown(key)
              + ": its manifest has format "
              + format
              + ", this version of the plugin reads up to "
              + ENCODED_FORMAT);
    }
    int flags = in.getByte();
    ContentPlace place = place(in, (flags & IN_FILE) != 0);
    long size = in.getLong();
    if (size < 0) {
      throw new MalformedRecord("its size is negative");
    }
    String contentType = in.getText();
    String etag = (flags & HEX_TAG) != 0 ? HEX.formatHex(in.getBytes()) : in.getText();
    String context = in.getText();
    Instant createdAt = in.getInstant();
    Instant lastModified = in.getInstant();
    Map<String, String> tags = tags(in);
    List<String> pipeline = texts(in);
    Optional<ContentEncoding> encoding =
        format == ENCODED_FORMAT ? Optional.of(encoding(in)) : Optional.empty();
    in.requireEnd();
    BlobManifest manifest =
        new BlobManifest(
            key.bucket(),
            key.key(),
            size,
            place.storedLength(),
            contentType,
            etag,
            context,
            createdAt,
            lastModified,
            tags,
            List.of(),
            0,
            pipeline,
            (flags & DELETED) != 0,
            encoding);
    return new StoredVersion(manifest, place);
  }

  private static ContentEncoding encoding(RecordReader in) {
    try {
      int frameBytes = Math.toIntExact(in.getLong());
      long length = in.getLong();
      Bytes contentId = Bytes.copyOf(in.getBytes());
      Optional<WrappedKey> key =
          in.getByte() == 0
              ? Optional.empty()
              : Optional.of(new WrappedKey(in.getText(), Bytes.copyOf(in.getBytes())));
      return new ContentEncoding(frameBytes, length, contentId, key);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new MalformedRecord("how its content lies in the store cannot be");
    }
  }

  private static ContentPlace place(RecordReader in, boolean inFile) {
    long id = in.getLong();
    long length = in.getLong();
    long storedLength = in.getLong();
    if (length < 0 || storedLength < 0) {
      throw new MalformedRecord("its length is negative");
    }
    return inFile
        ? new ContentPlace.InFile(id, length, storedLength)
        : new ContentPlace.Inline(id, length);
  }

  private static Map<String, String> tags(RecordReader in) {
    int count = in.getCount();
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      tags.put(in.getText(), in.getText());
    }
    return tags;
  }

  private static List<String> texts(RecordReader in) {
    int count = in.getCount();
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(in.getText());
    }
    return texts;
  }

  private static boolean isSha256(String etag) {
    return etag.length() == SHA_256_DIGITS
        && etag.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }
}
