"""Identity numbers of many countries: what is found in a sentence, and what looks like one and is none.

No number is of a person: they are computed, or published as examples. Those with a check digit were found valid by
python-stdnum 2.2 too, where it knows the kind (it knows no Swedish coordination numbers).
"""

import pytest

from pipeline.insight.pii import (
    identity_africa,
    identity_americas,
    identity_asia_pacific,
    identity_europe,
    identity_passports,
)
from pipeline.insight.pii.detector import Detector, compact
from pipeline.personal import PersonalKind

DETECTORS = {
    detector.name: detector
    for detector in (
        *identity_europe.DETECTORS,
        *identity_americas.DETECTORS,
        *identity_asia_pacific.DETECTORS,
        *identity_africa.DETECTORS,
        *identity_passports.DETECTORS,
    )
}

# Detector: a sentence; + what is found in it; - what is not: wrong check digit, length, date, prefix, a part of more.
NUMBERS = """
uk_nino: Her National Insurance number is {}.
  + AB123456C | JG 10 37 59 A | ce123456d
  - BG123456C | DA123456C | AB1234567 | XAB123456C
uk_nino_spaced: Payroll {} since May
  + AB 12 34 56 C | JG 10 37 59 A
  - QQ 12 34 56 C | TN 12 34 56 C | AB 12 34 56 E | AB 12 34 567
uk_nhs: NHS number: {}
  + 666 193 4514 | 5061231007 | 943 476 5919
  - 666 193 4510 | 943 476 591 | 9434765919-1
uk_utr: My UTR is {} for self assessment.
  + 2699102374 | 13361 48540 | 1955839661
  - 2699102370 | 195583966 | 19558396611
uk_passport: UK passport {} expires in May
  + 925076473 | 533 000 111
  - 92507647 | 9250764731 | 925076473.5
uk_driving_licence: Driving licence {} is valid.
  + MORGA657054SM9IJ | MORGA 657054 SM9IJ | SMITH 902283J99AB
  - MORGA633054SM9IJ | MORGA657324SM9IJ | MORGA657054SM9I | XMORGA657054SM9IJ
ie_pps: PPS number {}
  + 1234567T | 1234567FA | 9171218OT | 1984815CH
  - 1234567A | 123456T | 11234567T
fr_nir: Numéro de sécurité sociale : {}
  + 1 38 03 2B 068 255 11 | 315122A85474673 | 211039796169551 | 2 55 08 14 168 025 38
  - 1 38 03 2B 068 255 10 | 2 55 13 14 168 025 34 | 2 55 08 14 168 025 | 12 55 08 14 168 025 38
fr_spi: Numéro fiscal : {}
  + 21 39 540 138 001 | 0864891789272 | 30 23 217 600 053
  - 21 39 540 138 000 | 3023217600 | 130 23 217 600 0531
be_national_number: Rijksregisternummer {}
  + 07.04.26-638.18 | 81.11.17-057.47 | 85.07.30-033.28
  - 07.04.26-638.10 | 85.13.30-033.28 | 85.07.30-033 | 185.07.30-033.28
be_national_number_bare: Numéro national {} du client
  + 75041907189 | 85073003328 | 850730-033-28
  - 75041907180 | 8507300332 | 850730033281
nl_bsn: BSN: {}
  + 705884351 | 809857704 | 111222333
  - 705884350 | 1112223 | 1112223334 | 111222333,50
nl_bsn_dotted: Medewerker {} is ziek
  + 1112.22.333 | 7058.84.351
  - 1112.22.330 | 1112.22.33 | 11112.22.333
de_tax_id: Steuer-ID: {}
  + 25 870 164 134 | 12846507634 | 36574261809
  - 25 870 164 130 | 11111111111 | 12345678903 | 3657426180 | 365742618091
de_tax_number: Steuernummer {} beim Finanzamt
  + 21/815/08150 | 93815/08152 | 133/8150/8159
  - 21/81/08150 | 21/815/081 | 4/21/815/08150
de_tax_number_unified: Steuernummer: {}
  + 2181081508155 | 9181081508155 | 5133081508159
  - 6181081508155 | 2181181508155 | 21810815081551
de_social_security: Sozialversicherungsnummer {}
  + 15070649C103 | 15 070649 C 103 | 65170839J003
  - 15070649C100 | 15320649C103 | 15071349C103 | 15070649C10 | 115070649C103
de_health_insurance: Krankenversichertennummer: {}
  + A123456780 | K220635158
  - A123456781 | A12345678 | AB123456780 | A1234567801
de_identity_card: Personalausweis Nr. {}
  + T220001293 | L01X00T47 | L01X00T471
  - L01X00T4 | A01X00T47 | XL01X00T47 | L01X00T4711
de_passport: Der Reisepass {} gilt bis 2030
  + C01X00T478 | C01X00T47
  - L01X00T47 | C01X00T4 | C01X00T47811
de_driving_licence: Führerschein {} der Klasse B
  + B072RRE2I55 | B072RRE2I50
  - B072RRE2I05 | B072RRE2I5 | 1B072RRE2I55 | BB72RRE2I55
at_social_security: SV-Nr. {}
  + 9543 070989 | 1890130812 | 1237 010180
  - 9543 070980 | 1237 320180 | 1237 011680 | 1237 01018 | 11237 010180
at_tax_number: Finanzamt Wien, Steuernummer {}
  + 18-441/3243 | 833818800
  - 18-441/3240 | 59-119/901 | 59-119/90131
ch_ahv: Die Versicherte hat {} als Nummer
  + 756.7480.4270.77 | 7565471416413 | 756.9217.0769.85
  - 756.7480.4270.70 | 757.9217.0769.85 | 756.9217.0769 | 1756.9217.0769.85
pl_pesel: PESEL: {}
  + 11903102894 | 73882247175 | 44051401359
  - 11903102890 | 44131401359 | 44053201359 | 4405140135 | 440514013591
pl_nip: NIP {}
  + 263-892-02-34 | 7995526323 | 856-734-62-15
  - 263-892-02-30 | 856-734-62-1 | 0567346215 | 8567346215-1
pl_identity_card: Dowód osobisty {}
  + ABA300000 | ABS 123456
  - ABA300001 | AB300000 | ABA3000001 | XABA300000
se_personnummer: Anställd: {}
  + 19271115+2757 | 370630-9881 | 220706-2916 | 880320-0016
  - 19271115+2750 | 880332-0016 | 881320-0016 | 880320-001 | 1880320-0016
se_personnummer_bare: Personnummer {}
  + 8803200016 | 198803200016 | 880320 0016 | 701063-2391
  - 8803200010 | 8813200016 | 880320001 | 18803200016
no_fodselsnummer: Kunden {} ringte i går
  + 134625 90541 | 071278 93300
  - 134625 90540 | 990101 12345 | 151086 9508
no_fodselsnummer_bare: Fødselsnummer: {}
  + 52040945261 | 46099303182 | 15108695088
  - 52040945260 | 1510869508 | 151086950881 | 15138695088
dk_cpr: CPR-nr. {}
  + 050521-2814 | 2308166043 | 211062-5629
  - 321062-5629 | 211362-5629 | 211062-562 | 1211062-5629
fi_hetu: Asiakas {} tilasi
  + 010245X9417 | 171139+5300 | 131052-308T | 131052A308T
  - 010245X9410 | 311152-308T | 131052-3084T | 131052/308T | 9131052-308T
ee_lt_personal_code: Isikukood {}
  + 41806190989 | 44105013866 | 36805280109
  - 41806190980 | 36813280109 | 3680528010 | 368052801091 | 96805280109
it_codice_fiscale: Il signor Rossi, {}, nato a Milano
  + NOJREQ63T62S089G | NCCJMW38T47R738A | RSSMRA85T10A562S | RSS MRA 85T10 A562S
  - NOJREQ63T62S089A | RSSMRA85T99A562S | RSSMRA85F10A562S | RSSMRA85T10A562 | XRSSMRA85T10A562S
it_partita_iva: Partita IVA {}
  + 46439649990 | 58424468880 | 00743110157
  - 46439649991 | 0074311015 | 007431101571 | 00743119157
it_identity_card: Carta d'identità n. {}
  + CA00000AA | AX1234567
  - CA0000AA | CA00000AAA | CA00000AA1
es_dni: DNI {}
  + 99134347T | 55415009-M | 12345678Z | 54.362.315-K
  - 99134347A | 1234567Z | 112345678Z | 12345678
es_nie: NIE: {}
  + X0294133D | X-4005127-E | X2482300W
  - X0294133A | A2482300W | X248230W | XX2482300W
es_cif: CIF de la empresa: {}
  + W08885071 | D0716842J | J99216582
  - W08885070 | I99216582 | J9921658 | J992165821
es_social_security: Número de la Seguridad Social {}
  + 281234567840 | 28 12345678 40 | 08/00000123/52
  - 281234567841 | 28123456784 | 2812345678401 | 001234567840
pt_nif: Contribuinte {}
  + 109 593 537 | 124422209 | 501964843
  - 109 593 530 | 50196484 | 5019648431 | 501964843,50
pt_citizen_card: Cartão de cidadão {}
  + 40841059 5 9L 6 | 7994227537Y5 | 00000000 0 ZZ4
  - 40841059 5 9L 0 | 00000000 0 Z4 | 000000000 0 ZZ4
gr_afm: ΑΦΜ: {}
  + 473747574 | 821803752 | 094259216
  - 473747570 | 09425921 | 0942592161 | 094259216,5
gr_amka: AMKA {}
  + 14071002902 | 10081569815 | 01013099997
  - 14071002900 | 32013099997 | 01133099997 | 0101309999 | 010130999971
tr_kimlik: T.C. Kimlik No: {}
  + 64473122638 | 14230268208 | 17291716060
  - 64473122630 | 01729171606 | 1729171606 | 172917160601
tr_tax_number: Vergi no {}
  + 8839242212 | 4755197638 | 4540536920
  - 8839242210 | 454053692 | 45405369201
cz_sk_birth_number: rodné číslo {}
  + 035719/7566 | 0026138695 | 710319/2745 | 390311/027
  - 035719/7560 | 711319/2745 | 710332/2745 | 710319/27 | 710319/27451
ro_cnp: CNP {}
  + 1470406215044 | 6190422707963 | 1630615123457
  - 1470406215040 | 1631315123457 | 163061512345 | 16306151234571
bg_egn: ЕГН {}
  + 4945209923 | 2331063695 | 7523169263
  - 4945209920 | 7513169263 | 752316926 | 75231692631
hr_oib: OIB: {}
  + 92373542020 | 07178210584 | 33392005961
  - 92373542021 | 3339200596 | 333920059611
jmbg: JMBG {}
  + 2908969691778 | 0503920959077 | 0101006500006
  - 2908969691770 | 3201006500006 | 010100650000 | 01010065000061
us_ssn: The applicant {} was hired
  + 536-90-4399 | 123-45-6789
  - 000-45-6789 | 666-45-6789 | 987-45-6789 | 123-00-6789 | 123-45-0000 | 123-45-678 | 1123-45-6789 | 123-45-6789-1
us_ssn_bare: SSN {}
  + 536904399 | 123 45 6789 | 123456789
  - 000456789 | 666456789 | 12345678 | 1234567891 | 123456789.50
us_itin: Filed under {} in April
  + 940-88-4012 | 966-73-1669 | 912-90-3456
  - 912-93-3456 | 912-66-3456 | 912-90-345 | 1912-90-3456
us_itin_bare: ITIN {}
  + 950804970 | 912 90 3456
  - 912663456 | 91290345 | 9129034561
us_ein: EIN {}
  + 91-1144442 | 911144442 | 04-2103594
  - 07-1144442 | 91-114444 | 91-11444421 | 191-1144442
us_npi: NPI: {}
  + 1234567893 | 1245319599
  - 1234567890 | 123456789 | 12345678931 | 3234567893
us_medicare: Card {} of the patient
  + 1EG4-TE5-MK73 | 1EG4TE5MK72
  - 1SG4-TE5-MK73 | 0EG4-TE5-MK73 | 1EG4-TE5-MK7 | 11EG4-TE5-MK73
us_passport: U.S. passport {}
  + 575034801 | C03005988
  - C0300598 | C030059881 | 57503480
us_driving_licence: Driver's license {}
  + D1234567 | S123-4567-8901 | S530-460-71-321-0 | 12345678
  - D1234 | 123456 | XYZW1234567 | 1234567890
ca_sin: Social insurance number {}
  + 573-973-393 | 694544511 | 130 692 544
  - 573-973-390 | 046454286 | 13069254 | 1306925441
mx_curp: La empleada {} firmó
  + WEMN400329MNTGXL97 | QXOB600522MOCXLL88 | BOXW310820HNERXN09
  - WEMN400329MNTGXL90 | BOXW311320HNERXN09 | BOXW310820HXXRXN09 | BOXW310820HNERXN0 | XBOXW310820HNERXN09
mx_rfc: Factura a {} de mayo
  + HBZ850521T90 | X&&L550203HI8 | GODE561231GR8
  - HBZ850521T91 | GODE561331GR8 | GODE561231GR | XXGODE561231GR8
br_cpf: O cliente {} pagou
  + 592.445.415-05 | 111.600.031-81 | 390.533.447-05
  - 592.445.415-00 | 111.111.111-11 | 390.533.447-0 | 1390.533.447-05
br_cpf_bare: CPF {}
  + 51545209120 | 39053344705
  - 51545209121 | 11111111111 | 3905334470 | 390533447051
br_cnpj: A empresa {} emitiu
  + 16.555.165/9781-86 | 72.567.132/1590-53 | 16.727.230/0001-97
  - 16.555.165/9781-80 | 00.000.000/0000-00 | 16.727.230/0001-9 | 116.727.230/0001-97
br_cnpj_bare: CNPJ {}
  + H9KJNI6H1RXE60 | 16727230000197
  - H9KJNI6H1RXE61 | 00000000000000 | 1672723000019 | 167272300001971
ar_cuit: CUIT {}
  + 27-50818713-6 | 50150857586 | 20-05536168-2
  - 27-50818713-0 | 21-05536168-2 | 20-0553616-2 | 120-05536168-2
ar_dni: DNI {}
  + 20.123.456 | 20123456 | 5.123.456
  - 012.123.456 | 201234567 | 20.123.456,50 | 20.123.4567
cl_rut: El señor {} vive en Santiago
  + 5.468.648-K | 59.175.250-2 | 12.531.909-2
  - 5.468.648-A | 12.531.90-2 | 012.531.909-2 | 12.531.9092
cl_rut_bare: RUT {}
  + 70435977 | 12531909-2
  - 70435970 | 1253190-22 | 312531909-2
co_nit: NIT {}
  + 591326464-9 | 9616386021 | 213.123.432-1
  - 591326464-0 | 213.123.43-1 | 2131234321-1
in_aadhaar: Submitted {} today
  + 8577 7485 5489 | 7065 8109 9631
  - 8577 7485 5480 | 1234 5678 9012 | 2341 2341 234 | 8577 7485 5489 1234 | 1234 7065 8109 9631
in_aadhaar_bare: Aadhaar: {}
  + 249131512227 | 8577 7485 5489 | 234123412346
  - 249131512220 | 023412341234 | 23412341234 | 2341234123461 | 222222222222
in_pan: Vendor {} approved
  + ACUPA7085R | AAPFU0939K
  - ACUXA7085R | ACUPA0000R | ACUPA708R | XACUPA7085R | ACUPA7085R1
in_voter_id: Voter ID {}
  + XVP4532784 | LLH9406067 | WKH1186253
  - XVP4532780 | WK1186253 | WKH11862531 | XWKH1186253
au_tfn: TFN: {}
  + 458 251 835 | 926350386 | 123 456 782
  - 458 251 830 | 123 456 | 1234567821 | 1123 456 782
au_medicare: Medicare card {}
  + 2123 45670 1 | 2123456701 | 2123 45670 1-2
  - 2123 45670 0 | 7123 45670 1 | 2123 4567 1 | 12123 45670 1
au_abn: ABN {}
  + 14 004 993 813 | 72566275242 | 83 914 571 673
  - 14 004 993 810 | 83 914 571 67 | 183 914 571 673 | 01 914 571 673
nz_ird: IRD number {}
  + 82103724 | 130189121 | 49-091-850 | 49091850
  - 82103720 | 9-091-850 | 4909185011 | 349-091-850
sg_nric: Mr Tan, {}, signed
  + S1234567D | T0000001E | F1234567N | M1234567K
  - S1234567A | A1234567D | S123456D | S12345678D | XS1234567D
cn_resident_id: 客户{}已登记
  + 130503199804288705 | 130503198810106387 | 11010519491231002X
  - 130503199804288700 | 11010519491331002X | 16010519491231002X | 1101051949123100X | 111010519491231002X
hk_hkid: Client {} signed
  + A123456(3) | AB987654(3) | G123456(A)
  - A123456(0) | A12345(3) | ABC123456(3) | 1A123456(3)
hk_hkid_bare: HKID {}
  + A1234563 | AB987654 3
  - A1234560 | A123456 | ABC1234563 | A12345631
kr_rrn: 고객 {} 가입
  + 190615-9967698 | 240116-0137191 | 971013-9019902
  - 190615-9967690 | 971313-9019902 | 971032-9019902 | 971013-901990 | 1971013-9019902
kr_rrn_bare: 주민등록번호: {}
  + 9710139019902 | 1906159967698
  - 9710139019900 | 9713139019902 | 971013901990 | 97101390199021
jp_my_number: マイナンバー:{}
  + 5294 8280 2258 | 920054852152 | 083133024797
  - 5294 8280 2250 | 111111111111 | 1234 5678 901 | 1 1234 5678 90123
th_id: Customer {} arrived
  + 3-0844-80363-58-5 | 4-5150-59054-24-0 | 1-2345-45678-78-1
  - 3-0844-80363-58-0 | 0-2345-45678-78-1 | 1-2345-45678-78 | 11-2345-45678-78-1
th_id_bare: เลขประจำตัวประชาชน {}
  + 8617580112582 | 1234545678781
  - 8617580112580 | 0234545678781 | 123454567878 | 12345456787811
il_id: תעודת זהות {}
  + 641466099 | 515609485 | 039337423
  - 641466090 | 03933742 | 0393374231 | 000000000
za_id: Applicant {} called
  + 811219 1988 07 5 | 351211 4079 057
  - 811219 1988 07 0 | 801301 5009 08 7 | 800132 5009 08 7 | 800101 5009 08 | 1800101 5009 08 7
za_id_bare: ID number {}
  + 6709101078145 | 7503305044089
  - 6709101078140 | 7513305044089 | 750330504408 | 75033050440891
za_tax_number: SARS tax number {}
  + 2015504331 | 2499724025 | 0001339050
  - 2015504330 | 000133905 | 00013390501 | 4001339050
passport: Reisepass-Nr.: {}
  + AB1234567 | X12345678 | L898902C3 | 575034801
  - A12345 | ABC12345678 | AB123456789 | PASSENGER
"""

PASSPORT_FIRST = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"  # the specimen of ICAO Doc 9303
PASSPORT_SECOND = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


def found(detector: Detector, text: str) -> list[str]:
    """What the detector takes for personal in a plain text."""
    values = []
    for match in detector.pattern.finditer(text):
        value = match[detector.group]
        is_one = detector.check is None or detector.check(value if detector.raw else compact(value))
        if is_one and detector.score(text, *match.span(detector.group)) >= 0.5:
            values.append(value)
    return values


def _rows() -> list[tuple[str, str, list[str], list[str]]]:
    lines = NUMBERS.strip().splitlines()
    rows = []
    for head, right, wrong in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, sentence = head.split(": ", 1)
        rows.append((name, sentence, right.strip(" +").split(" | "), wrong.strip(" -").split(" | ")))
    return rows


ROWS = _rows()
RIGHT = [(name, sentence, value) for name, sentence, right, _ in ROWS for value in right]
WRONG = [(name, sentence, value) for name, sentence, _, wrong in ROWS for value in wrong]


def test_every_detector_has_a_name_of_its_own_and_examples() -> None:
    machine_read = {"mrz", "mrz_second_line", "mrz_td1", "mrz_td2"}
    assert {name for name, *_ in ROWS} | machine_read == set(DETECTORS)
    assert all(len(right) >= 2 and len(wrong) >= 3 for _, _, right, wrong in ROWS)
    assert all(detector.kind in set(PersonalKind) for detector in DETECTORS.values())


@pytest.mark.parametrize(("name", "sentence", "value"), RIGHT)
def test_a_number_is_found_as_it_is_written(name: str, sentence: str, value: str) -> None:
    assert found(DETECTORS[name], sentence.format(value)) == [value]


@pytest.mark.parametrize(("name", "sentence", "value"), WRONG)
def test_what_cannot_be_one_is_not_found(name: str, sentence: str, value: str) -> None:
    assert found(DETECTORS[name], sentence.format(value)) == []


@pytest.mark.parametrize(("name", "sentence", "value"), RIGHT)
def test_a_number_is_never_cut_out_of_a_longer_run_or_an_amount(name: str, sentence: str, value: str) -> None:
    longer = [f"QXZ7{value}", f"{value}QZ7", f"AB7-{value}", f"{value}-B7", f"1.{value}" * value[0].isdigit()]
    longer += [f"{value},50", f"{value}.75"] * value[-1].isdigit()
    assert [text for text in longer if value in found(DETECTORS[name], sentence.format(text))] == []


@pytest.mark.parametrize(("name", "sentence", "value"), RIGHT)
def test_only_a_shape_that_is_rare_stands_without_words_of_context(name: str, sentence: str, value: str) -> None:
    detector = DETECTORS[name]
    assert found(detector, f"Order {value} arrived") == ([value] if detector.alone else [])


@pytest.mark.parametrize("value", ["RSSMRA85T10A562S", "536-90-4399", "756.9217.0769.85", "AB 12 34 56 C"])
def test_a_colon_a_bracket_or_a_comma_may_stand_around_a_number(value: str) -> None:
    for text in (f"id:{value}", f"({value})", f"x, {value}, y", f"{value}.", f"'{value}'"):
        assert [one for detector in DETECTORS.values() for one in found(detector, text)].count(value) >= 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("it_codice_fiscale", "RSS MRA\n85T10 A562S"),
        ("fr_nir", "2 55 08 14\n 168 025 38"),
        ("ch_ahv", "756.9217.\n0769.85"),
        ("cn_resident_id", "110105\n19491231002X"),
    ],
)
def test_a_long_number_may_be_broken_at_the_end_of_a_line(name: str, value: str) -> None:
    assert found(DETECTORS[name], f"Files of {value} are kept") == [value]


def test_an_invoice_has_no_identity_numbers_in_it() -> None:
    invoice = (
        "Invoice 2024-000123 of 12.03.2024, customer 10045678, order 4500012345 / 000010\n"
        "450 12 5400\n12 345 678,90 EUR 1.234.567,89 EUR 1,234,567.89 USD\n"
        "EAN 4006381333931, batch A12345678, phone +49 30 123456789, fax 030/1234567-89\n"
        "Serial SN-1234567890, part 123-456-789, tracking 1Z999AA10123456784, total 999999999\n"
    )
    assert {name: found(detector, invoice) for name, detector in DETECTORS.items() if found(detector, invoice)} == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mrz", f"{PASSPORT_FIRST}\n{PASSPORT_SECOND}"),
        ("mrz", f"{PASSPORT_FIRST} \r\n {PASSPORT_SECOND}"),
        ("mrz_second_line", PASSPORT_SECOND),
        ("mrz_second_line", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"),
        ("mrz_td2", TD2),
        ("mrz_td2", TD2.replace("\n", " \n")),
        ("mrz_td1", TD1),
        ("mrz_td1", TD1.replace("\n", "\r\n")),
    ],
)
def test_machine_readable_lines_are_found_by_their_check_digits(name: str, value: str) -> None:
    assert found(DETECTORS[name], f"Scan:\n{value}\nend") == [value]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mrz", f"{PASSPORT_FIRST}\n{PASSPORT_SECOND[:-1]}1"),
        ("mrz", f"{PASSPORT_FIRST}\n{PASSPORT_SECOND[:-1]}"),
        ("mrz", f"X{PASSPORT_FIRST}\n{PASSPORT_SECOND}"),
        ("mrz_second_line", PASSPORT_SECOND.replace("1204159", "1204158")),
        ("mrz_second_line", f"X{PASSPORT_SECOND}"),
        ("mrz_second_line", f"{PASSPORT_SECOND}<"),
        ("mrz_td2", TD2.replace("F12", "F13")),
        ("mrz_td2", TD2[:-1]),
        ("mrz_td2", f"X{TD2}"),
        ("mrz_td1", TD1.replace("F12", "F13")),
        ("mrz_td1", TD1[:-1]),
        ("mrz_td1", f"X{TD1}"),
    ],
)
def test_lines_with_a_wrong_check_digit_or_length_are_not(name: str, value: str) -> None:
    assert found(DETECTORS[name], f"Scan:\n{value}\nend") == []
