package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Master keys that operators write down: of an environment variable or a file, for containers.
 * Thread-safe.
 *
 * <p>The text has a key of 32 bytes in Base64, or several, each as {@code id:key}, separated by
 * commas, spaces or line ends. The first is current. A single key without an id is called {@code
 * default}.
 */
public final class ListedKeyProvider implements KeyProvider, AutoCloseable {

  private static final String UNNAMED = "default";

  private final MasterKeys keys;
  private final String source;

  private ListedKeyProvider(MasterKeys keys, String source) {
    this.keys = keys;
    this.source = source;
  }

  /**
   * Reads a list of keys.
   *
   * @param text the list in UTF-8; the caller wipes it
   * @param source where it stands, for messages
   * @throws WarehouseException {@code CONFIG_INVALID} saying which entry is wrong, never what it
   *     holds
   */
  public static ListedKeyProvider of(byte[] text, String source, SecureRandom random) {
    MasterKeys keys = new MasterKeys(random);
    List<byte[]> entries = split(text);
    try {
      if (entries.isEmpty()) {
        throw invalid(source, "holds no key");
      }
      Set<String> ids = new HashSet<>();
      // The first is current, and whoever is added last leads.
      for (int i = entries.size() - 1; i >= 0; i--) {
        add(keys, ids, entries.get(i), source + ", entry " + (i + 1));
      }
    } catch (RuntimeException e) {
      keys.close();
      throw e;
    } finally {
      entries.forEach(entry -> Arrays.fill(entry, (byte) 0));
    }
    return new ListedKeyProvider(keys, source);
  }

  private static void add(MasterKeys keys, Set<String> ids, byte[] entry, String where) {
    int colon = 0;
    while (colon < entry.length && entry[colon] != ':') {
      colon++;
    }
    boolean named = colon < entry.length;
    String id = UNNAMED;
    if (named) {
      // Only what stands before the colon: a key without one is never taken for a name.
      id = new String(entry, 0, colon, StandardCharsets.UTF_8);
      try {
        MasterKey.requireId(id);
      } catch (WarehouseException e) {
        throw invalid(where, "begins with something that is not the id of a key");
      }
    }
    if (!ids.add(id)) {
      throw invalid(where, named ? "has an id twice" : "needs an id: write id:key");
    }
    byte[] encoded = named ? Arrays.copyOfRange(entry, colon + 1, entry.length) : entry.clone();
    try {
      byte[] material = Base64.getDecoder().decode(encoded);
      if (material.length != MasterKeys.LENGTH) {
        Arrays.fill(material, (byte) 0);
        throw invalid(where, "has a key that is not of 32 bytes");
      }
      keys.lead(new MasterKey(id, true, Optional.empty()), material);
    } catch (IllegalArgumentException e) {
      // No cause: it would tell a character of the key.
      throw invalid(where, "has a key that is not Base64");
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  private static List<byte[]> split(byte[] text) {
    List<byte[]> entries = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length; i++) {
      if (i == text.length || text[i] == ',' || text[i] <= ' ') {
        if (i > start) {
          entries.add(Arrays.copyOfRange(text, start, i));
        }
        start = i + 1;
      }
    }
    return Collections.unmodifiableList(entries);
  }

  private static WarehouseException invalid(String where, String why) {
    return new WarehouseException(StandardErrorCode.CONFIG_INVALID, where + " " + why);
  }

  @Override
  public List<MasterKey> masterKeys() {
    return keys.list();
  }

  @Override
  public MasterWrapping wrap(byte[] material, Bytes associatedData) {
    return keys.wrap(material, associatedData);
  }

  @Override
  public Optional<byte[]> unwrap(MasterWrapping wrapped, Bytes associatedData) {
    return keys.unwrap(wrapped, associatedData);
  }

  @Override
  public boolean createsKeys() {
    return false;
  }

  @Override
  public MasterKey create() {
    throw new WarehouseException(
        StandardErrorCode.SETTING_UNSUPPORTED,
        "master keys are written down in "
            + source
            + ": put a new one first in the list and start the node again");
  }

  @Override
  public void close() {
    keys.close();
  }

  @Override
  public String toString() {
    return "ListedKeyProvider of " + source;
  }
}
