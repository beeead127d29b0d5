package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.StrategyPluginBase;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A plugin that holds master keys outside of the kernel, as one for a key management service would:
 * it can be out of reach. Encrypts with a stream made of HMAC-SHA-256 and authenticates with
 * another. Thread-safe.
 */
public final class SampleKeyService extends StrategyPluginBase<KeyProvider> implements KeyProvider {

  /** The name by which it is selected. */
  public static final String NAME = "sample";

  private static final int NONCE = 16;
  private static final int TAG = 32;

  /** What outlives the plugin: the keys of the service. */
  public static final class Vault {
    private final Map<String, byte[]> keys = new LinkedHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private boolean reachable = true;
    private int wraps;

    /** Makes a vault with one key. */
    public Vault() {
      add();
    }

    synchronized String add() {
      byte[] key = new byte[32];
      random.nextBytes(key);
      String id = "sample-" + (keys.size() + 1);
      keys.put(id, key);
      return id;
    }

    /** Lets the service answer, or not. */
    public synchronized void reachable(boolean now) {
      reachable = now;
    }

    synchronized int wraps() {
      return wraps;
    }
  }

  private final Vault vault;

  /** Makes a plugin for a service. */
  public SampleKeyService(Vault vault) {
    super(
        PluginManifest.of("sample-keys", "Sample key service", "1", "security"), CAPABILITY, NAME);
    this.vault = vault;
  }

  @Override
  public List<MasterKey> masterKeys() {
    synchronized (vault) {
      requireReachable();
      List<String> ids = new ArrayList<>(vault.keys.keySet());
      List<MasterKey> shown = new ArrayList<>();
      for (int i = ids.size() - 1; i >= 0; i--) {
        shown.add(new MasterKey(ids.get(i), i == ids.size() - 1, Optional.empty()));
      }
      return shown;
    }
  }

  @Override
  public MasterWrapping wrap(byte[] material, Bytes associatedData) {
    synchronized (vault) {
      String id = masterKeys().get(0).id();
      vault.wraps++;
      byte[] nonce = new byte[NONCE];
      vault.random.nextBytes(nonce);
      byte[] body = stream(id, nonce, material);
      ByteBuffer whole = ByteBuffer.allocate(NONCE + body.length + TAG);
      whole.put(nonce).put(body).put(tag(id, nonce, body, associatedData));
      return new MasterWrapping(id, Bytes.copyOf(whole.flip()));
    }
  }

  @Override
  public Optional<byte[]> unwrap(MasterWrapping wrapped, Bytes associatedData) {
    synchronized (vault) {
      requireReachable();
      String id = wrapped.masterKeyId();
      if (!vault.keys.containsKey(id)) {
        throw new WarehouseException(
            StandardErrorCode.KEY_UNAVAILABLE, "the service has no key '" + id + "'");
      }
      byte[] whole = wrapped.material().toArray();
      if (whole.length <= NONCE + TAG) {
        return Optional.empty();
      }
      byte[] nonce = Arrays.copyOf(whole, NONCE);
      byte[] body = Arrays.copyOfRange(whole, NONCE, whole.length - TAG);
      byte[] tag = Arrays.copyOfRange(whole, whole.length - TAG, whole.length);
      return MessageDigest.isEqual(tag, tag(id, nonce, body, associatedData))
          ? Optional.of(stream(id, nonce, body))
          : Optional.empty();
    }
  }

  @Override
  public boolean createsKeys() {
    return true;
  }

  @Override
  public MasterKey create() {
    synchronized (vault) {
      requireReachable();
      vault.add();
      return masterKeys().get(0);
    }
  }

  private void requireReachable() {
    if (!vault.reachable) {
      throw new WarehouseException(
          StandardErrorCode.KEY_UNAVAILABLE, "the sample service is out of reach");
    }
  }

  private byte[] stream(String id, byte[] nonce, byte[] text) {
    byte[] result = new byte[text.length];
    for (int at = 0; at < text.length; at += TAG) {
      byte[] pad = mac(id, new byte[] {'e'}, nonce, new byte[] {(byte) (at / TAG)});
      for (int i = at; i < Math.min(text.length, at + TAG); i++) {
        result[i] = (byte) (text[i] ^ pad[i - at]);
      }
    }
    return result;
  }

  private byte[] tag(String id, byte[] nonce, byte[] body, Bytes associatedData) {
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(body.length).array();
    return mac(id, new byte[] {'a'}, nonce, length, body, associatedData.toArray());
  }

  private byte[] mac(String id, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(vault.keys.get(id), "HmacSHA256"));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return NAME;
  }
}
